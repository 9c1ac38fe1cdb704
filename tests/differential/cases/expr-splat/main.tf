locals {
  objects = [{ a = 1, b = [{ c = "x" }] }, { a = 2, b = [{ c = "y" }, { c = "z" }] }]
  single  = { a = 5 }
  nothing = null
}
output "full" { value = local.objects[*].a }
output "attr_only" { value = local.objects.*.a }
output "nested" { value = local.objects[*].b[*].c }
output "legacy_index" { value = local.objects.*.b.0 }
output "full_index" { value = local.objects[*].b[0].c }
output "single" { value = local.single[*].a }
output "null" { value = local.nothing[*] }
output "flat" { value = flatten(local.objects[*].b)[*].c }
