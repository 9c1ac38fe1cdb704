x = 1
block {
}
