output "a" {
  value = max(1, 2
}
output "b" {
  value = 1
}
