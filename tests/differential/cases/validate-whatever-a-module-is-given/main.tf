module "default" {
  source = "./m"
  create = false
}

module "null" {
  source = "./m"
  create = false
  name   = null
}

module "counted" {
  source = "./m"
  create = false
  count  = 0
}

module "keyed" {
  source   = "./m"
  create   = false
  for_each = {}
}

# None of these is right for what the modules give, and none of them is ever looked at.
output "never" {
  value = [for n in [] : [
    module.default.list + 1,
    module.default.list.nothing,
    join("", module.null.text),
    module.counted[3].text.nothing,
    module.keyed["x"].text.nothing,
    [for m in module.keyed : m.text.nothing],
  ]]
}

output "hidden" {
  value     = module.default.hidden
  sensitive = true
}

output "names" {
  value = [module.default.name, module.null.name]
}
