a     = 2
other = 3
