platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
module "search" {
  source  = "./terraform/search"
  version = "~> 1.0"
}
