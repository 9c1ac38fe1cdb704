module "a" {
  source = "./m"
  size   = local.size
}

locals {
  size = 7
}
