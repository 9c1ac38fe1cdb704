terraform {
  nope = 1
}
