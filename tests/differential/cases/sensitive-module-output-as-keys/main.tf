module "m" {
  source = "./m"
}

resource "terraform_data" "keyed" {
  for_each = module.m.keys
  input    = each.key
}

resource "terraform_data" "counted" {
  count = module.m.number
}
