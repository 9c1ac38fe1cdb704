output "a" {
  value = toset(["a"])[0]
}
