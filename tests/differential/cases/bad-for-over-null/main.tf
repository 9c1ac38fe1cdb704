output "a" {
  value = [for x in null : x]
}
