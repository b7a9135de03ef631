module "database" {
  source = "./database"
}

module "app" {
  source = "./app"
}
