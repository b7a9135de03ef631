removed {
  from = module.net.aws_vpc_endpoint.s3

  lifecycle {
    destroy = false
  }
}
