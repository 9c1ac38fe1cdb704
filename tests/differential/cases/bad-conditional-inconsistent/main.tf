output "a" {
  value = true ? ["a"] : { b = 1 }
}
