module "none" {
  source = "./m"
  count  = 0
}

module "keyed" {
  source   = "./m"
  for_each = {}
}

module "some" {
  source = "./m"
  count  = 1
}
