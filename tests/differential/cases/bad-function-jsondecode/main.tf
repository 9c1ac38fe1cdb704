output "a" {
  value = jsondecode("{a}")
}
