output "a" {
  value = templatefile("t.tftpl", {})
}
