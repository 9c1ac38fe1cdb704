output "a" {
  value = "abc"[0]
}
