platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" {
  nat      = "none"
  firewall = ["api.stripe.com"]
}
environment "a" { network = network.a }
