resource "terraform_data" "a" { input = "x" }
locals {
  id = terraform_data.a.id
}
resource "terraform_data" "b" {
  input = {
    raw      = local.id
    template = "id-${local.id}"
    list     = [local.id, "k"]
    lower    = lower(local.id)
    cond     = local.id == "" ? "empty" : "full"
    known    = "k"
    null_    = local.id == null ? "n" : "s"
    length   = length([local.id, local.id])
    set      = toset([local.id, "k"])
    lookup   = lookup({ a = 1 }, local.id, 2)
    for_     = [for x in [local.id] : x]
    json     = jsonencode({ a = local.id })
    splat    = [terraform_data.a][*].id
  }
}
output "prefix" { value = "id-${local.id}" }
output "nothing" { value = local.id == null }
output "starts" { value = startswith("id-${local.id}", "id-") }
