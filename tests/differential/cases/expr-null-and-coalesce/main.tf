resource "terraform_data" "a" {
  input            = null
  triggers_replace = null
}
output "a" { value = terraform_data.a.output }
output "coalesce" { value = [coalesce(null, "", "x"), coalescelist([], ["a"]), coalesce(null, 5)] }
output "try" { value = [try(local.o.nope, "fallback"), can(local.o.nope), can(local.o.a), try(tonumber("x"), -1)] }
locals { o = { a = 1 } }
