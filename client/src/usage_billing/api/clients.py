"""`Billing` and `AsyncBilling`: a method an operation of the API.

Made from docs/openapi.json by `make client`; not to be changed by hand.
"""

from usage_billing.api import (
    customers,
    executions,
    jobs,
    logs,
    products,
    records,
    statements,
    system,
    usage,
    wallets,
)
from usage_billing.methods import AsyncClient, SyncClient, answered, awaited, listed, listed_async


class Billing(SyncClient):
    """A method an operation; its answer is returned, or a `UsageBillingError` raised."""

    create_customer = answered(customers.create_customer)
    list_customers = listed(customers.list_customers)
    get_customer = answered(customers.get_customer)
    update_customer = answered(customers.update_customer)
    delete_customer = answered(customers.delete_customer)
    suspend_customer = answered(customers.suspend_customer)
    activate_customer = answered(customers.activate_customer)

    list_executions = listed(executions.list_executions)
    get_execution = answered(executions.get_execution)
    get_execution_history = listed(executions.get_execution_history)

    run_logs_job = answered(jobs.run_logs_job)
    run_all_jobs = answered(jobs.run_all_jobs)
    run_retries_job = answered(jobs.run_retries_job)
    run_billing_job = answered(jobs.run_billing_job)
    run_closing_job = answered(jobs.run_closing_job)

    list_log_usage = listed(logs.list_log_usage)
    list_customer_log_usage = listed(logs.list_customer_log_usage)
    list_log_files = listed(logs.list_log_files)
    get_log_file = answered(logs.get_log_file)
    reread_log_file = answered(logs.reread_log_file)
    create_log_upload = answered(logs.create_log_upload)

    list_products = listed(products.list_products)
    create_product = answered(products.create_product)
    get_product = answered(products.get_product)
    update_product = answered(products.update_product)
    withdraw_price = answered(products.withdraw_price)
    preview_price = answered(products.preview_price)

    charge_customer = answered(records.charge_customer)
    list_records = listed(records.list_records)
    list_customer_records = listed(records.list_customer_records)
    get_record = answered(records.get_record)
    list_record_events = listed(records.list_record_events)
    charge_record = answered(records.charge_record)
    void_record = answered(records.void_record)
    refund_record = answered(records.refund_record)

    get_statement = answered(statements.get_statement)
    get_usage_series = answered(statements.get_usage_series)
    get_day_reports = answered(statements.get_day_reports)

    list_keys = listed(system.list_keys)
    revoke_key = answered(system.revoke_key)
    get_me = answered(system.get_me)
    get_system_status = answered(system.get_system_status)
    get_health = answered(system.get_health)
    get_openapi = answered(system.get_openapi)
    get_docs = answered(system.get_docs)

    record_usage = answered(usage.record_usage)
    record_usage_batch = answered(usage.record_usage_batch)
    get_usage_event = answered(usage.get_usage_event)
    void_usage = answered(usage.void_usage)
    correct_usage = answered(usage.correct_usage)

    credit_wallet = answered(wallets.credit_wallet)
    get_balance = answered(wallets.get_balance)
    list_ledger_entries = listed(wallets.list_ledger_entries)
    verify_ledger = answered(wallets.verify_ledger)
    get_wallet = answered(wallets.get_wallet)
    get_wallet_balance = answered(wallets.get_wallet_balance)
    add_funds = answered(wallets.add_funds)


class AsyncBilling(AsyncClient):
    """A method an operation; its answer is awaited, or a `UsageBillingError` raised."""

    create_customer = awaited(customers.create_customer)
    list_customers = listed_async(customers.list_customers)
    get_customer = awaited(customers.get_customer)
    update_customer = awaited(customers.update_customer)
    delete_customer = awaited(customers.delete_customer)
    suspend_customer = awaited(customers.suspend_customer)
    activate_customer = awaited(customers.activate_customer)

    list_executions = listed_async(executions.list_executions)
    get_execution = awaited(executions.get_execution)
    get_execution_history = listed_async(executions.get_execution_history)

    run_logs_job = awaited(jobs.run_logs_job)
    run_all_jobs = awaited(jobs.run_all_jobs)
    run_retries_job = awaited(jobs.run_retries_job)
    run_billing_job = awaited(jobs.run_billing_job)
    run_closing_job = awaited(jobs.run_closing_job)

    list_log_usage = listed_async(logs.list_log_usage)
    list_customer_log_usage = listed_async(logs.list_customer_log_usage)
    list_log_files = listed_async(logs.list_log_files)
    get_log_file = awaited(logs.get_log_file)
    reread_log_file = awaited(logs.reread_log_file)
    create_log_upload = awaited(logs.create_log_upload)

    list_products = listed_async(products.list_products)
    create_product = awaited(products.create_product)
    get_product = awaited(products.get_product)
    update_product = awaited(products.update_product)
    withdraw_price = awaited(products.withdraw_price)
    preview_price = awaited(products.preview_price)

    charge_customer = awaited(records.charge_customer)
    list_records = listed_async(records.list_records)
    list_customer_records = listed_async(records.list_customer_records)
    get_record = awaited(records.get_record)
    list_record_events = listed_async(records.list_record_events)
    charge_record = awaited(records.charge_record)
    void_record = awaited(records.void_record)
    refund_record = awaited(records.refund_record)

    get_statement = awaited(statements.get_statement)
    get_usage_series = awaited(statements.get_usage_series)
    get_day_reports = awaited(statements.get_day_reports)

    list_keys = listed_async(system.list_keys)
    revoke_key = awaited(system.revoke_key)
    get_me = awaited(system.get_me)
    get_system_status = awaited(system.get_system_status)
    get_health = awaited(system.get_health)
    get_openapi = awaited(system.get_openapi)
    get_docs = awaited(system.get_docs)

    record_usage = awaited(usage.record_usage)
    record_usage_batch = awaited(usage.record_usage_batch)
    get_usage_event = awaited(usage.get_usage_event)
    void_usage = awaited(usage.void_usage)
    correct_usage = awaited(usage.correct_usage)

    credit_wallet = awaited(wallets.credit_wallet)
    get_balance = awaited(wallets.get_balance)
    list_ledger_entries = listed_async(wallets.list_ledger_entries)
    verify_ledger = awaited(wallets.verify_ledger)
    get_wallet = awaited(wallets.get_wallet)
    get_wallet_balance = awaited(wallets.get_wallet_balance)
    add_funds = awaited(wallets.add_funds)
