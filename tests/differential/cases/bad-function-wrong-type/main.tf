output "a" {
  value = length(5)
}
