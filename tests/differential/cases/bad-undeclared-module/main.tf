output "a" {
  value = module.nope.x
}
