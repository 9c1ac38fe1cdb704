variable   "x"   {}
