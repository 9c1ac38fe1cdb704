output "a" {
  value = !"x"
}
