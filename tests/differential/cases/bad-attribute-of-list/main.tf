output "a" {
  value = ["a"].x
}
