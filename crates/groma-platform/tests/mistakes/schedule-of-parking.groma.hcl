platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "dev" { park = "Mon-Fri 20-7" }
