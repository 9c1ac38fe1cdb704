output "a" {
  value = file("${path.module}/nope.txt")
}
