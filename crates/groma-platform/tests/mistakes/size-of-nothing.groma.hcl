platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
environment "dev" {
  like = environment.prod
  size = 0
}
