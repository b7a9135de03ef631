variable "nat" {
  description = "Set by the pipeline of each account"
  type = object({
    enabled = bool
  })
}
