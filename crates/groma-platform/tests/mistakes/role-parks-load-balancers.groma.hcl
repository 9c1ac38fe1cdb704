platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {
  park               = "Sat-Sun"
  park_load_balancer = true
}
image "proxy" { uri = "docker.io/library/nginx:1.27" }
service "web" {
  image = image.proxy
  host  = "shop.example.com"
}
role "robot" {
  trusted = ["github:shop/app:main"]
  may     = ["park"]
}
