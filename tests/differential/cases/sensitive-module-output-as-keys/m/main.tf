output "keys" {
  value     = toset(["a", "b"])
  sensitive = true
}

output "number" {
  value     = 2
  sensitive = true
}
