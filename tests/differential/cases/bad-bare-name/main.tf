output "a" {
  value = nope
}
