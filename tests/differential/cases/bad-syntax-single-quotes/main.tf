output "a" {
  value = 'x'
}
