output "a" {
  value = "\q"
}
