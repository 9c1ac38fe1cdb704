platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
prove "p" {
  never  = ["internet -> prod"]
  always = ["internet -> prod"]
}
