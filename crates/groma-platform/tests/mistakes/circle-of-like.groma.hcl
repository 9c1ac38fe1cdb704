platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "a" { like = environment.b }
environment "b" { like = environment.a }
