module "worker" {
  source = "./worker"
}

module "app" {
  source = "./app"

  depends_on = [module.database]
}

module "database" {
  source = "./database"

  worker_security_group_id = module.worker.security_group_id
}
