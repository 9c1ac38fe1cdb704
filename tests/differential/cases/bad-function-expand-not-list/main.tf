output "a" {
  value = max("a"...)
}
