output "a" {
  value = path.nope
}
