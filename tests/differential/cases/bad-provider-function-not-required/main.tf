output "a" {
  value = provider::terraform::encode_expr(1)
}
