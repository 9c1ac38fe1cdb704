locals {
  o = { a = [1, 2, { b = "x" }], "k-k" = null }
}
