output "a" {
  value = "%{if true}x"
}
