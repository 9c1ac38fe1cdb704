output "a" {
  value = nope(1)
}
