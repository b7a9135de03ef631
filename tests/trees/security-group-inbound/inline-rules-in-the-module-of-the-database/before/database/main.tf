variable "worker_security_group_id" {
  description = "ID of the security group of the worker"
  type        = string
}

resource "aws_security_group" "db" {
  name   = "bond-db"
  vpc_id = "vpc-1"

  ingress {
    description     = "Postgres from the worker"
    from_port       = 5432
    to_port         = 5432
    protocol        = "tcp"
    security_groups = [var.worker_security_group_id]
  }
}
