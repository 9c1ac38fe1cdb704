platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { cidr = "10.1.0.0/16" }
environment "a" { network = network.a }
vpn "office" {
  peer  = "203.0.113.10"
  cidrs = ["10.1.2.0/24"]
}
