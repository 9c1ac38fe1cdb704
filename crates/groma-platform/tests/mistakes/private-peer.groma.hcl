platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
vpn "office" {
  peer  = "192.168.0.1"
  cidrs = ["192.168.0.0/24"]
}
