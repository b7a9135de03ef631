module "database" {
  source = "../database"
}
