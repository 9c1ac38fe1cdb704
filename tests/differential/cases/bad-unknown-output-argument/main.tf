output "a" {
  value = 1
  valeu = 2
}
