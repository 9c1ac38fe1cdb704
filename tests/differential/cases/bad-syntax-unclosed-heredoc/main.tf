output "a" {
  value = <<EOT
abc
}
